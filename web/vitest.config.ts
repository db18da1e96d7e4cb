import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: {
      "@miaohui/client": fileURLToPath(new URL("../clients/typescript/src/index.ts", import.meta.url)),
    },
  },
  test: { include: ["packages/*/tests/**/*.test.ts", "apps/*/**/*.test.{ts,tsx}"], environment: "node" },
});
