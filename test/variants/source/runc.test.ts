import { variant } from '../../contract/contract'
import { fromSource } from '../../support/source'

fromSource()
variant({ via: 'runc', image: 'debian' })
