import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ConfigProvider, App as Messages } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import { useMemo } from "react";
import { prefs } from "../shared/prefs/prefs";
import { useStore } from "../shared/store";
import { dark } from "./appearance";
import { placeOfNotes } from "./notes";
import { router } from "./router";
import { themeFor } from "./theme";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // The client itself asks again where that helps.
      retry: false,
    },
  },
});

export function App() {
  const { locale } = useStore(prefs);
  const isDark = useStore(dark);
  const theme = useMemo(() => themeFor(isDark), [isDark]);
  return (
    <ConfigProvider
      theme={theme}
      locale={locale === "en" ? en : zh}
      wave={{ disabled: true }}
      button={{ autoInsertSpace: false }}
    >
      <Messages message={{ maxCount: 3, getContainer: placeOfNotes }}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} context={{ client }} />
        </QueryClientProvider>
      </Messages>
    </ConfigProvider>
  );
}
