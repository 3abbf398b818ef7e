#!/bin/sh
':' //; exec node -- "$0" "$@"
// By sh, for the two dashes: without them Node takes an --env-file that stands anywhere behind, the command's own too.
require('../dist/boot.js').boot('dl', 'dl')
