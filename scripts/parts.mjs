// Cuts a program in parts: what the main job runs, and others, which src/entry/boot.ts reads when they are first meant.

/** Of the libraries, what parses a command line. */
const mainLibraries = /^node_modules\/@oclif\/core\/lib\/(args|flags|parser\/\w+|util\/\w+)\.js$/

/**
 * Of what the entry imports, what a command by the usual way does not run: other ways in, and words for what went
 * wrong. Each start reads less then. By nsenter both are read, the second while the engine is asked.
 */
const otherWays = [
  /^src\/lib\/namespaces\/(?!confinement)/,
  /^src\/lib\/(toolbox|image)\//,
  // A transport's own file has its judge, which every verdict takes.
  /^src\/lib\/transport\/(?!(?:ssh|runc|exec|shared)\/)(\w+)\/(?!\1\.ts)/,
  /^src\/lib\/transport\/exec\/opening-failures\.ts/,
  /^src\/lib\/transport\/shared\/(namespace-failures|start-errors|start-failure|user-files)\.ts/,
  /^src\/lib\/engine\/(alone|archive|cleanup|containers|contexts|dial-stdio|dockerode|images|networks)\.ts/,
  /^src\/lib\/engine\/(owned-container|owner|remove|sweep|system|unreachable)\.ts/,
  /^src\/lib\/host\/(memory-file|perl-calls|user-errors)\.(ts|pl)/,
  /^src\/lib\/target\/(container-list|names|stuck)\.ts/,
  /^src\/lib\/(system-errors|text\/(escape-controls|nearest|time))\.ts/,
  /^src\/lib\/terminal\/(table|width)\.ts/,
  /^src\/cli\/debug\/copy/,
]

/**
 * The parts as what esbuild makes programs of. `main` is what the entry imports, and what that imports, but for
 * `ways`; the rest is behind an `import()`, or a library. A module stands in one of them only, and is asked for in the
 * others by name: `require('rest:src/cli/list.ts')`.
 * @param entry its path, below the root
 * @param inputs esbuild's metafile has them: by path, its imports
 * @returns for each part, by its name, esbuild's `stdin` and a plugin
 */
export function cutInParts(entry, inputs, root) {
  const first = new Set()
  for (const left = [entry]; left.length > 0; ) {
    const path = left.pop()
    if (first.has(path) || (path.includes('node_modules') && !mainLibraries.test(path))) continue
    first.add(path)
    const needed = inputs[path].imports.filter(({ kind, external }) => kind !== 'dynamic-import' && !external)
    left.push(...needed.map(({ path }) => path))
  }
  const partOf = (path) =>
    first.has(path) ? (otherWays.some((one) => one.test(path)) ? 'ways' : 'main') : path in inputs ? 'rest' : undefined
  const given = { main: new Set(), ways: new Set(), rest: new Set() }
  for (const [user, { imports }] of Object.entries(inputs)) {
    for (const { path } of imports) {
      const part = partOf(path)
      if (part && part !== partOf(user)) given[part].add(path)
    }
  }
  return Object.fromEntries(
    Object.entries(given).map(([name, gives]) => [
      name,
      part({ name, gives, partOf, root, entry: name === 'main' && entry }),
    ]),
  )
}

function part({ name, gives, partOf, root, entry }) {
  const from = (path) => JSON.stringify(`./${path}`)
  const cases = [...gives].map((path) => `case ${JSON.stringify(path)}: return require(${from(path)});`)
  const own = entry ? `...require(${from(entry)}), ` : ''
  const contents = `module.exports = { ${own}part(path) { switch (path) { ${cases.join('\n')} } } };`
  return { stdin: { contents, resolveDir: root, sourcefile: `${name}.js` }, plugin: outside(name, partOf, root) }
}

/** What stands in another part is left for boot to find. */
function outside(name, partOf, root) {
  return {
    name: `outside-${name}`,
    setup(b) {
      b.onResolve({ filter: /.*/ }, async ({ path, pluginData, kind, ...asked }) => {
        if (pluginData?.seen || kind === 'entry-point') return undefined
        const found = await b.resolve(path, { ...asked, kind, pluginData: { seen: true } })
        const below = found.path.startsWith(`${root}/`) ? found.path.slice(root.length + 1) : undefined
        const part = below && partOf(below)
        return part && part !== name ? { path: `${part}:${below}`, external: true } : undefined
      })
    },
  }
}
