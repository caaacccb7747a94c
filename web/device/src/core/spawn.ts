// The core's worker. The first begins to load before anything else of the app does: reading the core takes the longest.

function spawn(): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "core" });
}

// A browser that has no such workers is told so later, by whoever asks what it lacks.
let first = typeof Worker === "function" ? spawn() : undefined;

/** A worker that nobody uses yet. */
export function freshWorker(): Worker {
  const worker = first ?? spawn();
  first = undefined;
  return worker;
}
