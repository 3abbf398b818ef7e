// Cuts a program in two: what the main job runs, and the rest, which src/entry/boot.ts reads when it is first meant.

/** Of the libraries, what parses a command line. */
const mainLibraries = /^node_modules\/@oclif\/core\/lib\/(args|flags|parser\/\w+|util\/\w+)\.js$/

/**
 * The two halves as what esbuild makes programs of. `main` is what the entry imports, and what that imports; the rest
 * is behind an `import()`, or a library. A module stands in one of them only, and is asked for in the other by name:
 * `require('rest:src/cli/list.ts')`.
 * @param entry its path, below the root
 * @param inputs esbuild's metafile has them: by path, its imports
 * @returns for each part esbuild's `stdin` and a plugin
 */
export function cutInTwo(entry, inputs, root) {
  const main = new Set()
  for (const left = [entry]; left.length > 0; ) {
    const path = left.pop()
    if (main.has(path) || (path.includes('node_modules') && !mainLibraries.test(path))) continue
    main.add(path)
    const needed = inputs[path].imports.filter(({ kind, external }) => kind !== 'dynamic-import' && !external)
    left.push(...needed.map(({ path }) => path))
  }
  const rest = new Set(Object.keys(inputs).filter((path) => !main.has(path)))
  const usedBy = (users, modules) => {
    const used = [...users].flatMap((path) => inputs[path].imports).filter(({ external }) => !external)
    return new Set(used.map(({ path }) => path).filter((path) => modules.has(path)))
  }
  return {
    main: part({ name: 'main', gives: usedBy(rest, main), other: { name: 'rest', modules: rest }, root, entry }),
    rest: part({ name: 'rest', gives: usedBy(main, rest), other: { name: 'main', modules: main }, root }),
  }
}

function part({ name, gives, other, root, entry }) {
  const from = (path) => JSON.stringify(`./${path}`)
  const cases = [...gives].map((path) => `case ${JSON.stringify(path)}: return require(${from(path)});`)
  const own = entry ? `...require(${from(entry)}), ` : ''
  const contents = `module.exports = { ${own}part(path) { switch (path) { ${cases.join('\n')} } } };`
  return { stdin: { contents, resolveDir: root, sourcefile: `${name}.js` }, plugin: outside(name, other, root) }
}

/** What stands in the other part is left for boot to find. */
function outside(name, other, root) {
  return {
    name: `outside-${name}`,
    setup(b) {
      b.onResolve({ filter: /.*/ }, async ({ path, pluginData, kind, ...asked }) => {
        if (pluginData?.seen || kind === 'entry-point') return undefined
        const found = await b.resolve(path, { ...asked, kind, pluginData: { seen: true } })
        const below = found.path.startsWith(`${root}/`) ? found.path.slice(root.length + 1) : undefined
        return below && other.modules.has(below) ? { path: `${other.name}:${below}`, external: true } : undefined
      })
    },
  }
}
