#include "daemon/metrics/metrics.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include "daemon/metrics/declarations.hpp"

namespace rollcall::metrics {
namespace {

constexpr std::string_view other = "other";

double unix_seconds_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Second field of /proc/self/statm: resident pages (proc(5)).
double resident_bytes_now() {
  std::ifstream statm{"/proc/self/statm"};
  std::int64_t size = 0;
  std::int64_t resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// The series of one metric, made before the first use so that absence never means zero.
template <class Metric>
class Series {
 public:
  template <class Family, class... Extra>
  Series(const Declaration& declaration, Family& family, const Extra&... extra)
      : values_(declaration.values) {
    if (declaration.label.empty()) {
      metrics_.push_back(&family.Add({}, extra...));
      return;
    }
    const bool closed = values_.size() == 1;  // such as a version: nothing else can occur
    if (!closed) values_.push_back(other);
    for (const std::string_view value : values_) {
      metrics_.push_back(
          &family.Add({{std::string{declaration.label}, std::string{value}}}, extra...));
    }
  }

  Metric& of(std::string_view label) const {
    const auto found = std::ranges::find(values_, label);
    return found == values_.end()
               ? *metrics_.back()
               : *metrics_[static_cast<std::size_t>(std::distance(values_.begin(), found))];
  }

  const std::vector<Metric*>& all() const { return metrics_; }

 private:
  std::vector<std::string_view> values_;
  std::vector<Metric*> metrics_;  // owned by the registry
};

class All {
 public:
  static All& one() {
    static All all;
    return all;
  }

  prometheus::Counter& of(Counter id, std::string_view label) {
    return counters_[static_cast<std::size_t>(id)].of(label);
  }
  prometheus::Gauge& of(Gauge id, std::string_view label) {
    return gauges_[static_cast<std::size_t>(id)].of(label);
  }
  const std::vector<prometheus::Gauge*>& all_of(Gauge id) {
    return gauges_[static_cast<std::size_t>(id)].all();
  }
  prometheus::Histogram& of(Histogram id) {
    return histograms_[static_cast<std::size_t>(id)].of({});
  }

  Hold add_refresh(std::function<void()> refresh) {
    auto hold = std::make_shared<std::function<void()>>(std::move(refresh));
    const std::lock_guard lock{mutex_};
    refreshers_.push_back(hold);
    return hold;
  }

  std::string scrape() {
    for (const auto& refresh : living_refreshers()) (*refresh)();
    of(Gauge::resident_bytes, {}).Set(resident_bytes_now());
    return prometheus::TextSerializer{}.Serialize(registry_.Collect());
  }

 private:
  All() {
    const auto text = [](std::string_view view) { return std::string{view}; };
    for (const Declaration& d : metrics::counters()) {
      counters_.emplace_back(
          d, prometheus::BuildCounter().Name(text(d.name)).Help(text(d.help)).Register(registry_));
    }
    for (const Declaration& d : metrics::gauges()) {
      gauges_.emplace_back(
          d, prometheus::BuildGauge().Name(text(d.name)).Help(text(d.help)).Register(registry_));
    }
    const prometheus::Histogram::BucketBoundaries bounds(buckets().begin(), buckets().end());
    for (const Declaration& d : metrics::histograms()) {
      histograms_.emplace_back(
          d, prometheus::BuildHistogram().Name(text(d.name)).Help(text(d.help)).Register(registry_),
          bounds);
    }
    of(Gauge::build_info, ROLLCALL_VERSION).Set(1);
    of(Gauge::start_time, {}).Set(unix_seconds_now());
  }

  std::vector<std::shared_ptr<std::function<void()>>> living_refreshers() {
    const std::lock_guard lock{mutex_};
    std::erase_if(refreshers_, [](const auto& weak) { return weak.expired(); });
    std::vector<std::shared_ptr<std::function<void()>>> living;
    for (const auto& weak : refreshers_) {
      if (auto strong = weak.lock()) living.push_back(std::move(strong));
    }
    return living;
  }

  prometheus::Registry registry_;
  std::vector<Series<prometheus::Counter>> counters_;
  std::vector<Series<prometheus::Gauge>> gauges_;
  std::vector<Series<prometheus::Histogram>> histograms_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<std::function<void()>>> refreshers_;
};

}  // namespace

void add(Counter counter, std::string_view label, double amount) {
  All::one().of(counter, label).Increment(amount);
}

void raise_to(Counter counter, double total, std::string_view label) {
  static std::mutex one_at_a_time;  // two scrapes must not both add what is missing
  const std::lock_guard lock{one_at_a_time};
  prometheus::Counter& metric = All::one().of(counter, label);
  const double missing = total - metric.Value();
  if (missing > 0) metric.Increment(missing);
}

void set(Gauge gauge, double value, std::string_view label) {
  All::one().of(gauge, label).Set(value);
}

void set_all(Gauge gauge, double value) {
  for (prometheus::Gauge* one : All::one().all_of(gauge)) one->Set(value);
}

void observe(Histogram histogram, std::chrono::nanoseconds value) {
  All::one().of(histogram).Observe(std::chrono::duration<double>(value).count());
}

Hold at_scrape(std::function<void()> refresh) {
  return All::one().add_refresh(std::move(refresh));
}

std::string scrape() {
  return All::one().scrape();
}

std::string reference_markdown() {
  std::string out = "| metric | kind | label | what it says |\n|---|---|---|---|\n";
  const auto rows = [&](std::span<const Declaration> list, std::string_view kind) {
    for (const Declaration& d : list) {
      std::string label;
      if (!d.label.empty()) {
        label = "`" + std::string{d.label} + "`";
        for (std::size_t i = 0; d.values.size() > 1 && i < d.values.size(); ++i) {
          label += (i == 0 ? ": " : ", ") + std::string{d.values[i]};
        }
        if (d.values.size() > 1) label += ", other";
      }
      out += "| `" + std::string{d.name} + "` | " + std::string{kind} + " | " + label + " | " +
             std::string{d.help} + " |\n";
    }
  };
  rows(counters(), "counter");
  rows(gauges(), "gauge");
  rows(histograms(), "histogram");
  return out;
}

}  // namespace rollcall::metrics
