#!/usr/bin/env node
require('../dist/dl.js').main(process.argv.slice(2))
