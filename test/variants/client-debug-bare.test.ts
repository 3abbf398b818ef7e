import { byClient } from '../contract/by-client'
import { variant } from '../contract/contract'

// Nothing inside, not even a shell: all that is run comes along.
const way = byClient('debug')
variant({
  ...way,
  image: 'bare',
  exceptions: {
    ...way.exceptions,
    'are 126 for what cannot be run': { because: 'there is no /etc/passwd', failure: /"code": 127/ },
  },
})
