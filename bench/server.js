/** Serves the measuring page, dist/, the models and a peer's files on a port of this machine. */

import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TYPES = {
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".html": "text/html",
  ".json": "application/json",
};

/** @returns the server and its origin */
export async function serve(models, peers) {
  let peer = peers[0];
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://localhost");
    // Isolation makes performance.now() finer; no threads are used.
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    const send = (body, type = "application/octet-stream") => response.setHeader("Content-Type", type).end(body);
    if (url.pathname === "/") return send(html(peers), "text/html");
    if (url.pathname === "/peer") {
      peer = peers.find(({ name }) => name === url.searchParams.get("name"));
      return send(JSON.stringify({ module: peer.module }), TYPES[".json"]);
    }
    const [, kind, name] = /^\/(source|packed)\/(.+)$/.exec(url.pathname) ?? [];
    if (kind) return send(models.find((model) => model.name === name)[kind]);
    const path = file(peer, url.pathname);
    if (path && existsSync(path) && statSync(path).isFile()) return send(readFileSync(path), TYPES[extname(path)]);
    response.writeHead(url.pathname === "/favicon.ico" ? 204 : 404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, origin: `http://localhost:${server.address().port}` };
}

/** The file behind a path, inside the folders that are served. */
function file(peer, pathname) {
  const path = normalize(peer.rename?.(pathname) ?? pathname);
  if (path.startsWith("/dist/")) return here(`..${path}`);
  if (path === "/page.js" || path.startsWith("/peers/")) return here(`.${path}`);
  for (const [prefix, folder] of Object.entries(peer.folders)) {
    if (path.startsWith(prefix)) return join(folder, path.slice(prefix.length));
  }
  return undefined;
}

const html = (peers) => `<!doctype html><meta charset="utf-8"><title>bench</title>
<script type="importmap">${JSON.stringify({ imports: Object.assign({}, ...peers.map((p) => p.imports ?? {})) })}</script>
<script type="module" src="/page.js"></script>`;
