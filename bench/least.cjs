// The least that a Node program can do to get into a container by its runtime: ask the engine which it is, and start that.
// Nothing is parsed, checked, looked after or cleaned up. `least.cjs SOCKET CONTAINER RUNC WORD…`, where %ID becomes the
// container's: nobody who asks first and is written for Node is quicker, whatever else he leaves out.
const { connect } = require('node:net')
const { spawn } = require('node:child_process')

const [socket, container, program, ...words] = process.argv.slice(2)
let text = ''
connect(socket)
  .setEncoding('latin1')
  .on('data', (chunk) => {
    text += chunk
  })
  .once('end', () => {
    const { Id } = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4))
    const filled = words.map((word) => (word === '%ID' ? Id : word))
    spawn(program, filled, { stdio: 'inherit' }).once('exit', (code) => process.exit(code ?? 255))
  })
  .write(`GET /containers/${container}/json HTTP/1.0\r\n\r\n`)
