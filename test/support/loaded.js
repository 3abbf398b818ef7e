// Required before the program: writes what was loaded by its end into the file that DOCKER_BASH_LOADED names.
const { writeFileSync } = require('node:fs')
const vm = require('node:vm')

/** Programs that were not required but run as scripts, by code of an earlier run or not. */
const scripts = []
const { Script } = vm
vm.Script = class extends Script {
  constructor(text, options) {
    super(text, options)
    scripts.push({ file: options.filename, cached: options.cachedData !== undefined && !this.cachedDataRejected })
  }
}

process.once('exit', () => {
  const builtins = process.moduleLoadList
    .filter((name) => name.startsWith('NativeModule '))
    .map((name) => name.slice(13))
  const files = Object.keys(require.cache).filter((file) => file !== __filename)
  writeFileSync(process.env.DOCKER_BASH_LOADED, JSON.stringify({ builtins, files, scripts }))
})
