// One window holds the store. Another says so, and can take over: the holder is asked to let go, and is left no choice if
// it does not answer.

const CHANNEL = "roundsman";
/** How long a holder has to end what it does. */
const GRACE_MS = 3000;

export interface Holding {
  /** Lets go, for the next window. */
  release(): void;
}

/** Holds the store of a folder, or gives nothing if another window does. `lost` is called when it is taken over. */
export async function hold(folder: string, lost: () => Promise<void>): Promise<Holding | undefined> {
  return request(folder, { ifAvailable: true }, lost);
}

/** Asks the window that holds the store to let go, waits for it, and holds it then. */
export async function takeOver(folder: string, lost: () => Promise<void>): Promise<Holding | undefined> {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage({ giveWay: folder });
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), GRACE_MS);
  const held = await request(folder, { signal: patience.signal }, lost).catch(() => undefined);
  clearTimeout(timer);
  channel.close();
  return held ?? request(folder, { steal: true }, lost);
}

function request(folder: string, options: LockOptions, lost: () => Promise<void>): Promise<Holding | undefined> {
  return new Promise((resolve, reject) => {
    let held = false;
    const whole = navigator.locks.request(`roundsman:${folder}`, options, (lock) => {
      if (!lock) {
        resolve(undefined);
        return undefined;
      }
      held = true;
      return new Promise<void>((release) => {
        const channel = new BroadcastChannel(CHANNEL);
        const end = () => {
          channel.close();
          release();
        };
        channel.onmessage = (event: MessageEvent<{ giveWay?: string }>) => {
          if (event.data.giveWay === folder) void lost().finally(end);
        };
        resolve({ release: end });
      });
    });
    // Stolen: the lock is gone already.
    whole.catch((error: unknown) => (held ? void lost() : reject(error instanceof Error ? error : new Error(String(error)))));
  });
}
