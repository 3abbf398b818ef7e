import { variant } from '../contract/contract'
import { asNobody } from '../support/nobody'

variant({
  via: 'debug',
  image: 'busybox',
  under: asNobody,
  exceptions: {
    'after an ordinary end, but for what the command left running itself': {
      because: 'it ran in the container beside, which goes with the session and takes it along',
      failure: /^not within \d+ ms: \/\^sleep 7006\$\/; in the container run$/m,
    },
  },
})
