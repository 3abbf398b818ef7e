import { asNobody } from '../support/nobody'
import { contract } from './contract/contract'

contract({
  via: 'debug',
  image: 'busybox',
  under: asNobody,
  exceptions: {
    'after an ordinary end, but for what the command left running itself':
      'it ran in the container beside, which goes with the session and takes it along',
  },
})
