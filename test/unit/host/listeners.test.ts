import { listenersIn } from '../../../src/lib/host/listeners'

// As the kernel writes it, of 127.0.0.1:8000, which listens, and of a connection to it.
const table = `  sl  local_address rem_address   st tx_queue rx_queue tr ...
   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0000 100 0 0 10 0
  10: 0100007F:1F40 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0000 20 4 0 10 -1
`
const table6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
`

test('those that listen, and no connections', () => {
  expect(listenersIn(table)).toEqual([{ address: '0100007F', port: 8000 }])
  expect(listenersIn(table6)).toEqual([{ address: '0'.repeat(32), port: 80 }])
  expect(listenersIn('')).toEqual([])
})
