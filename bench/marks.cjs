// Required before the program: appends to the file that DOCKER_BASH_MARKS names when each part of a run began, in ms.
const net = require('node:net')
const { ChildProcess } = require('node:child_process')
const { appendFileSync } = require('node:fs')

const marks = {}
const mark = (name) => (marks[name] ??= performance.now())
const { write, push } = net.Socket.prototype
net.Socket.prototype.write = function (...words) {
  mark('asked')
  return write.apply(this, words)
}
net.Socket.prototype.push = function (...words) {
  mark('answered')
  return push.apply(this, words)
}
const { spawn } = ChildProcess.prototype
ChildProcess.prototype.spawn = function (...words) {
  mark('spawning')
  this.once('exit', () => mark('over'))
  const result = spawn.apply(this, words)
  mark('spawned')
  return result
}
process.once('exit', () => {
  mark('end')
  appendFileSync(process.env.DOCKER_BASH_MARKS, `${JSON.stringify(marks)}\n`)
})
mark('booted')
