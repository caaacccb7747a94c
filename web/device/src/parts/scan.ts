// Barcodes and QR codes, where the browser reads them itself.

interface Detector { detect(source: CanvasImageSource): Promise<{ rawValue: string }[]> }
declare const BarcodeDetector: { new (options?: { formats: string[] }): Detector } | undefined;

export function canScan(): boolean {
  return typeof BarcodeDetector !== "undefined" && Boolean(navigator.mediaDevices?.getUserMedia);
}

/** The first code that the camera sees; nothing if it was stopped before. Throws when there is no camera. */
export async function scan(video: HTMLVideoElement, stop: AbortSignal): Promise<string | undefined> {
  if (typeof BarcodeDetector === "undefined") throw new Error("no detector");
  const detector = new BarcodeDetector({ formats: ["qr_code", "ean_13", "ean_8", "code_128"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const end = () => stream.getTracks().forEach((track) => track.stop());
  try {
    video.srcObject = stream;
    await video.play();
    while (!stop.aborted) {
      const [code] = await detector.detect(video);
      if (code) return code.rawValue;
      await new Promise((next) => requestAnimationFrame(next));
    }
    return undefined;
  } finally {
    end();
  }
}
