// Applies the remembered theme before anything is drawn. A classic script, since modules run too late for that.

(function () {
  try {
    const theme = localStorage.getItem("rivulet-theme");
    if (theme === "dark" || theme === "light") {
      document.documentElement.dataset.theme = theme;
    }
  } catch {
    // No storage here: the system's preference holds.
  }
})();
