import { contract } from '../../contract/contract'
import { fromSource } from '../../support/source'

fromSource()
contract({ via: 'runc', image: 'debian' })
