import { SingleBar } from "cli-progress";

/** A progress bar. */
export interface Progress {
  /** @param fraction 0..1 @param what what is being done */
  update(fraction: number, what: string): void;
  stop(): void;
}

/** A bar on standard error, if that is a terminal and nobody asked for quiet; nothing otherwise. */
export function progress(quiet = false): Progress {
  if (quiet || !process.stderr.isTTY) return { update() {}, stop() {} };
  const bar = new SingleBar({
    format: "{bar} {percentage} % {what}",
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(100, 0, { what: "" });
  return {
    update: (fraction, what) => bar.update(Math.round(100 * fraction), { what }),
    stop: () => bar.stop(),
  };
}
