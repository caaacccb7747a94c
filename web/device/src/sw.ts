// The service worker: the whole app is on the phone from the first visit on, and nothing of it is asked of the network
// again until a new version is there. It never touches the API.

import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

declare const self: ServiceWorkerGlobalScope;

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL("index.html"), { allowlist: [/^\/app\//] }));

self.addEventListener("message", (event) => {
  if ((event.data as { type?: string } | undefined)?.type === "SKIP_WAITING") void self.skipWaiting();
});
// The first installation takes charge at once, so that the network may go from then on.
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
