// Where the page begins. All of it is in start.tsx, a module of its own so that build.mjs can have one script of it.

import './styles/main.css';
import './start';
