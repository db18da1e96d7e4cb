import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.MIAOHUI_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  resolve: {
    // Our own client from its source, so that nothing has to be compiled first.
    alias: {
      "@miaohui/client": fileURLToPath(new URL("../../../clients/typescript/src/index.ts", import.meta.url)),
    },
  },
  build: {
    outDir: "../../../src/miaohui/static/console",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What every page stands on changes seldom: one file, kept by browsers over releases.
          groups: [{ name: "vendor", test: /node_modules[\\/](react|react-dom|scheduler|@tanstack)[\\/]/ }],
        },
      },
    },
  },
  server: { proxy: { "/v1": { target: server, ws: true } } },
});
