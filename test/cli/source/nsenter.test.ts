import { fromSource } from '../../support/source'
import { contract } from '../contract/contract'

fromSource()
contract({ via: 'nsenter', image: 'busybox' })
