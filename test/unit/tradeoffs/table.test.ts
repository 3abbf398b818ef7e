import { transportNames } from '../../../src/lib/model'
import { properties } from '../../../src/lib/tradeoffs/table'

test.each(properties)('$title: a word for every transport', ({ cells }) => {
  expect(cells).toEqual(Object.fromEntries(transportNames.map((name) => [name, expect.stringMatching(/^\S+$/)])))
})
