-- The load of one measurement: DEPTH requests per write, and one line of figures at the end.
local ffi = require("ffi")
local depth = tonumber(os.getenv("DEPTH") or "1")
local connections = tonumber(os.getenv("CONNECTIONS"))

-- The times to answer as wrk 4.0 to 4.2 keeps them (stats.h): how often each number of microseconds was measured.
ffi.cdef "typedef struct { uint64_t count, limit, min, max, data[]; } stats;"

init = function()
  local all = {}
  for i = 1, depth do all[i] = wrk.format(nil, os.getenv("TARGET") or "/") end
  requests = table.concat(all)
end

request = function() return requests end

-- Before done(), wrk adds times that nobody measured: a time of more than two mean intervals between answers counts as
-- several requests that came too late ("coordinated omission", stats_correct in stats.c). In a closed loop none came too
-- late; and wrk takes the interval of single requests but the time of all that were written together, so most of the
-- times of a pipelined load would be invented, many of them below the least that was measured. This takes them out
-- again, in the opposite order.
local function leave_measured(latency, summary)
  local stats = ffi.cast("stats **", latency)[0]
  assert(stats.min == latency.min and stats.max == latency.max, "this version of wrk keeps its times in another way")
  local each = math.floor(summary.requests / connections)
  if each > 0 then
    local interval = math.floor(summary.duration / each)
    for time = latency.max, 2 * interval, -1 do
      local count = stats.data[time]
      if count > 0 then
        for invented = time - interval, interval + 1, -interval do
          stats.data[invented] = stats.data[invented] - count
          stats.count = stats.count - count
        end
      end
    end
  end
  local errors = summary.errors
  local unfinished = summary.requests - depth * tonumber(stats.count)
  assert(unfinished >= 0 and unfinished <= depth * (connections + errors.read + errors.write + errors.timeout),
    "wrk measured other times than one for " .. depth .. " requests")
end

done = function(summary, latency)
  if summary.requests > 0 then leave_measured(latency, summary) end
  local errors = summary.errors
  io.write(string.format("FIGURES %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
