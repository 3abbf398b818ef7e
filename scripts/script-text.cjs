// How a program that stands in a file of its own (`*.pl`) comes into ours: as text, without lines of comment and empty
// lines. It goes into the words of a process, each time.
const { readFileSync } = require('node:fs')

/** As lines of code, each ended. */
function scriptText(source) {
  return source
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*#(?: |$)/.test(line))
    .map((line) => `${line}\n`)
    .join('')
}

/** For esbuild. */
const scriptFiles = {
  name: 'script-files',
  setup(b) {
    b.onLoad({ filter: /\.pl$/ }, ({ path }) => ({ contents: scriptText(readFileSync(path, 'utf8')), loader: 'text' }))
  },
}

module.exports = { scriptText, scriptFiles }
