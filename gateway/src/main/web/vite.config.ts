import {defineConfig} from "vite";

export default defineConfig({
  base: "/",
  build: {
    outDir: process.env.SLUICE_WEB_OUT ?? "dist",
    emptyOutDir: true,
    // The gateway's content policy lets nothing be inlined.
    assetsInlineLimit: 0,
    modulePreload: {polyfill: false},
  },
  oxc: {jsx: {runtime: "automatic"}},
});
