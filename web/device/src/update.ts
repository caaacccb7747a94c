// A new version of the app waits until the user takes it, and never comes in the middle of a visit.

import { signal } from "@preact/signals";

export const waitingUpdate = signal<ServiceWorker | undefined>(undefined);

export function watchUpdates(): void {
  if (!("serviceWorker" in navigator)) return;
  let mayReload = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (mayReload) location.reload();
  });
  // Registered after the first paint: the install's downloads don't stand in its way.
  const register = () => {
    void navigator.serviceWorker.register("/app/sw.js", { scope: "/app/", updateViaCache: "none" }).then((registration) => {
      const see = () => {
        if (registration.waiting && navigator.serviceWorker.controller) {
          mayReload = true;
          waitingUpdate.value = registration.waiting;
        }
      };
      see();
      registration.addEventListener("updatefound", () => {
        registration.installing?.addEventListener("statechange", see);
      });
      addEventListener("online", () => void registration.update().catch(() => undefined));
    }, () => undefined);
  };
  if (document.readyState === "complete") register();
  else addEventListener("load", register, { once: true });
}

/** The user takes the new version; the page loads again when it is in charge. */
export function takeUpdate(): void {
  waitingUpdate.value?.postMessage({ type: "SKIP_WAITING" });
}
