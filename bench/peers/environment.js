/**
 * What a runtime's module gets from its host. Paths go from bench/, those that begin with "dist/" from the project.
 *
 * @typedef {object} Environment
 * @property {(path: string) => Promise<Uint8Array>} read a file
 * @property {(path: string) => Promise<any>} module imports a module
 * @property {(path: string) => string} url a file's address
 * @property {(path: string) => string} path the same as packages of before modules want it: a path in Node
 * @property {(name: string, file: string, global: string) => Promise<any>} classic a package of before modules: a script
 *   that sets a global in pages, what `require` gives in Node
 */

/** @returns {Environment} a page's, served by hosts/server.js */
export function pageEnvironment() {
  const url = (path) => new URL(`/${path}`, location.href).href;
  return {
    url,
    path: url,
    async read(path) {
      const response = await fetch(url(path));
      if (!response.ok) throw new Error(`${response.status} ${path}`);
      return new Uint8Array(await response.arrayBuffer());
    },
    module: (path) => import(url(path)),
    async classic(name, file, global) {
      await new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = url(`node_modules/${name}/${file}`);
        script.onload = resolve;
        script.onerror = () => reject(new Error(`cannot load ${name}`));
        document.head.append(script);
      });
      return globalThis[global];
    },
  };
}
