import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompress, constants } from "node:zlib";
import { promisify } from "node:util";
import { defineConfig, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";

/** Beside each file that shrinks its Brotli form, which the server sends to browsers that take it. */
function compressed(folder: string): Plugin {
  return {
    name: "compressed",
    apply: "build",
    enforce: "post",
    closeBundle: {
      order: "post",
      sequential: true,
      async handler() {
        for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile() || !/\.(html|js|css|wasm|svg|webmanifest)$/.test(entry.name)) continue;
          const path = join(entry.parentPath, entry.name);
          const content = await readFile(path);
          const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
          // In WebAssembly much is repeated a few bytes on.
          if (entry.name.endsWith(".wasm")) params[constants.BROTLI_PARAM_NDIRECT] = 12;
          await writeFile(`${path}.br`, await promisify(brotliCompress)(content, { params }));
        }
      },
    },
  };
}

export default defineConfig({
  base: "/app/",
  build: { target: ["chrome109", "safari16.4", "firefox128"], modulePreload: { polyfill: false }, assetsInlineLimit: 0, chunkSizeWarningLimit: 1500 },
  worker: { format: "es" },
  plugins: [
    VitePWA({
      strategies: "injectManifest",
      srcDir: "src",
      filename: "sw.ts",
      injectRegister: false,
      registerType: "prompt",
      // The icons of the home screen are the browser's to fetch when it installs the app; the app itself never shows them.
      includeManifestIcons: false,
      injectManifest: { globPatterns: ["**/*.{js,css,html,wasm,svg}"], maximumFileSizeToCacheInBytes: 8 << 20 },
      manifest: {
        id: "/app/",
        name: "Roundsman",
        short_name: "Roundsman",
        description: "拜访、盘点、订货，没有信号也能用 · Visits, counts and orders without signal",
        start_url: "/app/",
        scope: "/app/",
        display: "standalone",
        orientation: "portrait",
        lang: "zh-CN",
        background_color: "#F3F5F4",
        theme_color: "#0A6A55",
        icons: [
          { src: "/app/icons/icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "/app/icons/icon-512.png", sizes: "512x512", type: "image/png" },
          { src: "/app/icons/icon-maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
          { src: "/app/icons/icon.svg", sizes: "any", type: "image/svg+xml" },
        ],
      },
    }),
    compressed(join(import.meta.dirname, "dist")),
  ],
});
