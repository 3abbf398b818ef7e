/**
 * A test that failed is run once more, and its first failure is printed: with two suites at a time on one engine,
 * another one's container, or a second without a processor, can come between. CI names those that needed it.
 */
jest.retryTimes(1, { logErrorsBeforeRetry: true })
