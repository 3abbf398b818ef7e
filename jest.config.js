const common = {
  testEnvironment: 'node',
  transform: { '\\.[cm]?[jt]s$': '<rootDir>/test/support/transform.js' },
  // chalk ships as ESM only; jest on Node 20 runs CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!chalk/)', '<rootDir>/dist/'],
  // Whole Nodes and images lie there.
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
}

const withEngine = {
  ...common,
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/retry.ts'],
}

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    { ...withEngine, displayName: 'engine', testMatch: ['<rootDir>/test/engine/**/*.test.ts'] },
    { ...withEngine, displayName: 'cli', testMatch: ['<rootDir>/test/cli/**/*.test.ts'] },
    // A threat each: what SECURITY.md says is held off is tried here.
    { ...withEngine, displayName: 'attack', testMatch: ['<rootDir>/test/attack/**/*.test.ts'] },
  ],
  testTimeout: 60_000,
  // Most of a test's time goes into the engine, which needs a core too; jest's own default leaves one idle.
  maxWorkers: '100%',
}
