console.log('fault-probe is released');
