import { appendFileSync } from 'node:fs';

// Noted outside its container, where a second run would show.
appendFileSync('/shared/releases', `${process.env.DCDGET_RELEASE}\n`);
console.log('fault-probe is released');
