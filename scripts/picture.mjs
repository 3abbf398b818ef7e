// A terminal's screens, as `tmux capture-pane -e` gives them, as one picture: SVG that follows light and dark.

const cell = { width: 8.4, height: 18 }
const margin = 14
const seconds = 4

const style = `
  :root { --b: #ffffff; --f: #24292f; --1: #cf222e; --2: #116329; --3: #7d4e00; --4: #0550ae; --5: #8250df; --6: #1b7c83; --8: #6e7781 }
  @media (prefers-color-scheme: dark) {
    :root { --b: #0d1117; --f: #e6edf3; --1: #ff7b72; --2: #3fb950; --3: #d29922; --4: #58a6ff; --5: #bc8cff; --6: #39c5cf; --8: #8b949e }
  }
  rect { fill: var(--b); stroke: var(--8); stroke-opacity: .4 }
  text { fill: var(--f); font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre }
  .d { opacity: .6 } .o { font-weight: 700 } .u { text-decoration: underline }
  ${[1, 2, 3, 4, 5, 6, 8].map((n) => `.c${n} { fill: var(--${n}) }`).join(' ')}`

/**
 * @param {string[]} screens with their escapes; more than one are shown in turn
 * @param {{columns: number, rows: number, title: string}} about
 */
export function picture(screens, { columns, rows, title }) {
  const width = Math.ceil(columns * cell.width + 2 * margin)
  const height = rows * cell.height + 2 * margin
  const groups = screens.map((screen, at) => `<g class="s${at}">${drawn(screen)}</g>`).join('\n')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" xml:space="preserve">
<title>${escaped(title)}</title>
<style>${style}${inTurn(screens.length)}
</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
${groups}
</svg>
`
}

/** Each is to be seen for its part of the time. Where nothing moves, the last one. */
function inTurn(count) {
  if (count < 2) return ''
  const part = 100 / count
  const frames = Array.from({ length: count }, (_, at) => {
    const begin = at > 0 ? `0% { opacity: 0 } ${percent(at * part)} { opacity: 1 }` : '0% { opacity: 1 }'
    const last = at === count - 1 ? 1 : 0
    const end = last ? '' : `${percent((at + 1) * part)} { opacity: 0 } `
    return `
  @keyframes s${at} { ${begin} ${end}100% { opacity: ${last} } }
  .s${at} { opacity: ${last}; animation: s${at} ${count * seconds}s step-end infinite }`
  })
  return `${frames.join('')}
  @media (prefers-reduced-motion) { ${frames.map((_, at) => `g.s${at}`).join(', ')} { animation: none } }`
}

function percent(number) {
  return `${Number(number.toFixed(2))}%`
}

function drawn(screen) {
  let look = []
  return screen
    .trimEnd()
    .split('\n')
    .map((line, row) => {
      let column = 0
      const runs = []
      for (const part of line.split(/(\x1b\[[\d;]*m|\x1b\(B|\x0f)/)) {
        if (part.startsWith('\x1b[')) look = after(look, part.slice(2, -1))
        else if (!/^[\x1b\x0f]/.test(part) && part !== '') {
          if (part.trim() !== '') runs.push(run(part, column, look))
          column += [...part].length
        }
      }
      const y = margin + (row + 1) * cell.height - 5
      return runs.length > 0 ? `<text y="${y}">${runs.join('')}</text>` : ''
    })
    .join('\n')
}

function run(text, column, look) {
  const x = (margin + column * cell.width).toFixed(1)
  const classes = look.length > 0 ? ` class="${look.join(' ')}"` : ''
  return `<tspan x="${x}"${classes}>${escaped(text)}</tspan>`
}

/** The classes that a text has after `ESC [ codes m`. */
function after(look, codes) {
  let now = look
  for (const code of codes.split(';').map(Number)) {
    const without = (pattern) => now.filter((name) => !pattern.test(name))
    if (code === 0) now = []
    else if (code === 1) now = [...now, 'o']
    else if (code === 2) now = [...now, 'd']
    else if (code === 4) now = [...now, 'u']
    else if (code === 22) now = without(/^[od]$/)
    else if (code === 24) now = without(/^u$/)
    else if (code === 39 || code === 37) now = without(/^c/)
    else if (code === 90) now = [...without(/^c/), 'c8']
    else if ((code > 30 && code < 37) || (code > 90 && code < 97)) now = [...without(/^c/), `c${code % 10}`]
  }
  return now
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
