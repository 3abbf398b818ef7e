// How a program for a perl or a shell that stands in a file of its own (`*.pl`, `*.sh`) comes into ours: as text, without
// lines of comment and empty lines. It goes into the words of a process, each time.
//
// The text of `*.line.sh` is one line, and ends without a separator. Such a script has a session's tag behind it, by which
// its process is looked for in the first line of /proc/PID/cmdline; or it goes through a login's shell, and csh takes no
// newline in quotes.
const { readFileSync } = require('node:fs')

const files = /\.(?:pl|sh)$/

/** @param {string} path of the file: its name says what it is. */
function scriptText(source, path) {
  const lines = source.split('\n').filter((line) => line.trim() !== '' && !/^\s*#(?: |$)/.test(line))
  if (!path.endsWith('.sh')) return lines.map((line) => `${line}\n`).join('')
  const bare = lines.map((line) => line.trim())
  return path.endsWith('.line.sh') ? inOneLine(bare) : bare.map((line) => `${line}\n`).join('')
}

/** Behind these a line goes on, or a command begins: no separator. */
const open = /(?:(?:^|\s)(?:then|else|do|in|\{|\()|&&|\|\||[|&;]|^[^()]+\))$/

function inOneLine(lines) {
  return lines
    .map((line, at) => {
      const next = lines[at + 1]
      if (next === undefined) return line
      return `${line}${open.test(line) || next.startsWith(';;') ? ' ' : '; '}`
    })
    .join('')
}

/** For esbuild. */
const scriptFiles = {
  name: 'script-files',
  setup(b) {
    b.onLoad({ filter: files }, ({ path }) => ({
      contents: scriptText(readFileSync(path, 'utf8'), path),
      loader: 'text',
    }))
  },
}

module.exports = { files, scriptText, scriptFiles }
