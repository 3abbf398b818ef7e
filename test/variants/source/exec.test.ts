import { variant } from '../../contract/contract'
import { fromSource } from '../../support/source'

fromSource()
variant({ via: 'exec', image: 'busybox' })
