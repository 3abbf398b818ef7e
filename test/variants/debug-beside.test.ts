import { contract } from '../contract/contract'
import { asNobody } from '../support/nobody'

contract({
  via: 'debug',
  image: 'busybox',
  under: asNobody,
  exceptions: {
    'after an ordinary end, but for what the command left running itself':
      'it ran in the container beside, which goes with the session and takes it along',
  },
})
