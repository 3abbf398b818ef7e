const { availableParallelism } = require('node:os')

const common = {
  testEnvironment: 'node',
  transform: { '\\.(?:[cm]?[jt]s|pl|sh)$': '<rootDir>/test/support/transform.js' },
  // These ship as ESM only; jest on Node 20 runs CommonJS.
  transformIgnorePatterns: [
    '/node_modules/(?!(?:ansi-regex|chalk|emoji-regex|get-east-asian-width|modern-tar|string-width|strip-ansi)/)',
    '<rootDir>/dist/',
  ],
}

const withEngine = {
  ...common,
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
}

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    { ...withEngine, displayName: 'engine', testMatch: ['<rootDir>/test/engine/**/*.test.ts'] },
    { ...withEngine, displayName: 'cli', testMatch: ['<rootDir>/test/cli/**/*.test.ts'] },
    // A threat each: what SECURITY.md says is held off is tried here.
    { ...withEngine, displayName: 'attack', testMatch: ['<rootDir>/test/attack/**/*.test.ts'] },
    // Every client and OpenSSH's own tests: for `npm run interop`. CI runs a part of them, in cli.
    { ...withEngine, displayName: 'interop', testMatch: ['<rootDir>/test/interop/**/*.test.ts'] },
    // The session contract again, by other images, users and roads, and by the source: for `npm run test:all` and CI.
    { ...withEngine, displayName: 'variants', testMatch: ['<rootDir>/test/variants/**/*.test.ts'] },
  ],
  // Nothing waits for so long when all is well; a machine may be slow.
  testTimeout: 600_000,
  // A test starts programs most of the time, and waits for them and for the engine.
  maxWorkers: availableParallelism() + 1,
  testSequencer: '<rootDir>/test/support/sequencer.js',
}
