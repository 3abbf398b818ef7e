// The longest first, or the last of them would run alone at the end. Jest knows how long each took only where it ran
// before; in a fresh clone it goes by the files' sizes, and a suite of the session contract is a file of three lines.
const { readFileSync } = require('node:fs')
const Sequencer = require('@jest/test-sequencer').default

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests)
    const isContract = ({ path }) => /\b(?:contract|variant)\(/.test(readFileSync(path, 'utf8'))
    return [...sorted.filter(isContract), ...sorted.filter((test) => !isContract(test))]
  }
}
