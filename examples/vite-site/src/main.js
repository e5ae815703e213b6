import './style.css';

const pages = {
  '/': 'This page was built by Vite.',
  '/about': 'This page exists in the browser only: the server answers every address with the same file.',
};

document.querySelector('main').textContent = pages[location.pathname] ?? 'There is nothing here.';
