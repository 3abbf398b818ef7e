import { fromSource } from '../../support/source'
import { contract } from '../contract/contract'

fromSource()
contract({ via: 'debug', image: 'busybox' })
