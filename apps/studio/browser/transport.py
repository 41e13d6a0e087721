"""The bar with which `transport.js` plays frames: play, single steps, a slider, the speed."""

BAR = """
<div class="bar">
  <button class="play" type="button">Play</button>
  <button class="back" type="button" aria-label="One frame back">&#8249;</button>
  <button class="on" type="button" aria-label="One frame on">&#8250;</button>
  <input type="range" min="0" value="0" step="1" aria-label="Frame">
  <select aria-label="Speed"><option value="900">slow</option><option value="220" selected>medium</option>
    <option value="80">fast</option></select>
</div>
<p class="told"></p>
"""
SCRIPTS = ("pixels.js", "transport.js")
"""What a script needs before it that calls `transport(root, draw)`."""
