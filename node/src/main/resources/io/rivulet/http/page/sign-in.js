// Says what happened to the last try.

if (new URLSearchParams(location.search).has("again")) {
  document.getElementById("again").textContent = "That is not the token. Check it and try again.";
}
