import { defineConfig } from "vite";

// Every island is an entry of its own; Django finds the built names in dist/manifest.json.
export default defineConfig({
  base: "/static/web/",
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    target: "es2022",
    cssCodeSplit: true,
    // MapLibre and ECharts are large by nature and load only on the pages that need them.
    chunkSizeWarningLimit: 1100,
    // Inlined assets would need data: in more CSP directives.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: ["src/shell.ts", "src/map.ts", "src/eew.ts", "src/wall.ts", "src/tour.ts", "src/alarm-desk.ts", "src/points.ts", "src/curves.ts", "src/plan.ts", "src/plotting.ts", "src/closure.ts", "src/bulletin.ts", "src/judgement.ts", "src/one-key.ts", "src/offline-worker.ts"],
    },
  },
});
