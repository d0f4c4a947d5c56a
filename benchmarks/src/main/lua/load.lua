-- The load of one measurement: DEPTH requests per write, and one line of figures at the end.
init = function()
  local depth = tonumber(os.getenv("DEPTH") or "1")
  local all = {}
  for i = 1, depth do all[i] = wrk.format(nil, os.getenv("TARGET") or "/") end
  requests = table.concat(all)
end

request = function() return requests end

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("FIGURES %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
