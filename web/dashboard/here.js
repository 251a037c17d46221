import { get } from './api.js';
import { visible } from './dom.js';

/** The instance that this page comes from. Tells of `change`. */
class Here extends EventTarget {
  name = 'this instance';
  version = '';

  async learn() {
    const { name, version } = await get('/api/info');
    this.name = visible(name);
    this.version = version;
    this.dispatchEvent(new Event('change'));
  }
}

export const here = new Here();
