// TypeScript and ESM to CommonJS for jest, by the same esbuild that builds the bundle.
const { transformSync } = require('esbuild')
const { files, scriptText } = require('../../scripts/script-text.cjs')

module.exports = {
  process(source, file) {
    if (files.test(file)) return { code: `module.exports = ${JSON.stringify(scriptText(source, file))}` }
    const { code } = transformSync(source, {
      loader: file.endsWith('ts') ? 'ts' : 'js',
      format: 'cjs',
      target: 'node20.19',
      sourcefile: file,
      sourcemap: 'inline',
    })
    return { code }
  },
}
