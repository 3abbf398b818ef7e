/** The random bytes behind what is sent by SSH. */
import { pad } from '../../../src/lib/ssh/padding'

test('its part of a packet and no more, and none a second time', () => {
  const seen = new Set<string>()
  for (let packet = 0; packet < 5000; packet++) {
    const bytes = Buffer.alloc(20)
    pad(bytes, 2, 16)
    expect([bytes.readUInt16LE(0), bytes.readUInt16LE(18)]).toEqual([0, 0])
    seen.add(bytes.toString('hex', 2, 18))
  }
  expect(seen.size).toBe(5000)
})
