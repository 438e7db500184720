// What GraphiQL remembers stays in its tab and ends with it, because operations may hold a password. Its
// history would keep the headers too, and with them the token, whatever is set for the headers pane.
function withoutHeaders(text) {
  return JSON.stringify(JSON.parse(text, (key, value) => (key === "headers" ? undefined : value)));
}

export const storage = {
  getItem: (key) => sessionStorage.getItem(key),
  setItem: (key, value) =>
    sessionStorage.setItem(key, /:(queries|favorites)$/.test(key) ? withoutHeaders(value) : value),
  removeItem: (key) => sessionStorage.removeItem(key),
  clear: () => sessionStorage.clear(),
  get length() {
    return sessionStorage.length;
  },
};
