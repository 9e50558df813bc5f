#include "provisioning/update.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <ostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "hal/host/http/http.hpp"
#include "provisioning/line_input.hpp"
#include "provisioning/table.hpp"

namespace rollcall::provisioning {
namespace {

constexpr std::chrono::milliseconds look_again{300};
constexpr long long told_percent = 10;  // progress is told in steps of this
constexpr const char* update_path = "/api/v1/update";

// What stays true whatever goes wrong.
constexpr const char* as_before =
    "The terminal goes on with the firmware that it runs, and keeps every tap.";

std::expected<std::string, Failure> read_image(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes;
  if (in) {
    bytes.resize(largest_image + 1);
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
  }
  const auto problem = [&](const std::string& what) {
    return std::unexpected(
        Failure{Exit::usage, file + " " + what + ". Nothing was sent; name the file of an image."});
  };
  if (!in.is_open() || in.bad() || (bytes.empty() && !in.eof())) return problem("cannot be read");
  if (bytes.empty()) return problem("is empty");
  if (bytes.size() > largest_image) return problem("is larger than 4 MiB, the largest image");
  return bytes;
}

// Why the terminal refused, and what to do.
std::string refusal(const std::string& problem) {
  if (problem == "unsupported")
    return "it has no second place for a firmware. Update it at the factory console.";
  if (problem == "too_large")
    return "the image is larger than its second slot. Take the image that is made for this kind of "
           "terminal.";
  if (problem == "too_old")
    return "the image's security counter is below that of the firmware that runs, so it would "
           "bring "
           "a closed hole back. Take a newer image, or give its real counter with "
           "--security-counter.";
  if (problem == "wrong_slot")
    return "the image is built for the slot that is in use. Take the one for the other slot.";
  if (problem == "digest")
    return "what arrived is not what was sent. Give the same command again; when it happens again "
           "the terminal's storage is bad.";
  if (problem == "storage")
    return "its storage failed. Give the same command again; when it happens again, have it "
           "repaired.";
  if (problem == "signature")
    return "the image's signature is not one that it accepts. Take an image from the maker.";
  return "it gives a reason that this rollcall does not know. Use the rollcall that came with the "
         "terminal's firmware.";
}

class Watch {
 public:
  Watch(const Context& context, const UpdateOrder& order) : context_(context), order_(order) {}

  Exit run() {
    auto image = read_image(order_.image);
    if (!image) return context_.fail(image.error());
    std::string target = "/api/v1/terminals/" + http::percent_encode(order_.serial) +
                         "/update?version=" + http::percent_encode(order_.version) +
                         "&security_counter=" + std::to_string(order_.security_counter) +
                         "&actor=" + http::percent_encode(context_.actor());
    if (order_.slot) target += "&slot=" + std::to_string(*order_.slot);
    const Answer begun = context_.upload(target, std::move(*image));
    if (!begun) return context_.fail(begun.error());
    digest_ = begun->at("digest").get<std::string>();
    for (Answer now = begun;; now = context_.get(update_path)) {
      if (!now) return lost_sight(now.error());
      if (now->at("serial") != order_.serial || now->at("digest") != digest_)
        return over("Another update has taken the place of this one. " + std::string{as_before});
      const std::string state = now->at("state").get<std::string>();
      if (state == "staged") return staged(*now);
      if (state == "refused") {
        return over(*now, order_.serial + " did not take the image: " +
                              refusal(now->at("problem").get<std::string>()) + "\n" + as_before);
      }
      if (state == "failed") {
        const Json& reason = now->at("reason");
        return over(*now, "The image did not come through: " +
                              (reason.is_string() ? printable(reason.get<std::string>())
                                                  : std::string{"no reason given"}) +
                              ". " + as_before +
                              "\nGive the same command again when the cause is gone; what the "
                              "terminal still holds of the image is not sent twice.");
      }
      if (Interrupts::happened()) return cancel();
      tell(state, *now);
      std::this_thread::sleep_for(look_again);
    }
  }

 private:
  void say(const std::string& text) {
    if (!context_.json()) context_.out << text << "\n" << std::flush;
  }

  void tell(const std::string& state, const Json& now) {
    if (state != told_) {
      told_ = state;
      if (state == "offered")
        say("The image is offered to " + order_.serial + ". Ctrl-C stops it.");
      if (state == "transferring") say(order_.serial + " wants it; it is on its way.");
      if (state == "waiting_for_terminal") {
        say("The connection broke. The image goes on where " + order_.serial +
            " has got to, when it is back within " +
            std::to_string(now.at("seconds_left").get<long long>()) + " seconds.");
      }
    }
    const long long percent =
        now.at("sent").get<long long>() * 100 / std::max(now.at("bytes").get<long long>(), 1LL);
    if (state != "transferring" || percent < told_progress_ + told_percent) return;
    told_progress_ = percent / told_percent * told_percent;
    say(std::to_string(told_progress_) + " %");
  }

  Exit staged(const Json& now) {
    return context_.show(now, [this](const Json& update) {
      return order_.serial + " holds " + printable(update.at("version").get<std::string>()) +
             " in slot " + std::to_string(update.at("slot").get<int>()) +
             ", whole and as it was sent (" + std::to_string(update.at("bytes").get<long long>()) +
             " bytes). Nothing has started it: the terminal goes on with the firmware that it "
             "runs, also after a restart, until a later version of Rollcall starts what is "
             "staged.\n";
    });
  }

  Exit over(const std::string& text) {
    context_.err << text << "\n";
    return Exit::refused;
  }
  Exit over(const Json& now, const std::string& text) {
    if (context_.json()) context_.show(now, nullptr);
    return over(text);
  }

  Exit cancel() {
    const Answer stopped = context_.remove(update_path);
    if (!stopped) {
      // Between two looks it may have come to its end by itself.
      const Answer now = context_.get(update_path);
      if (now && now->at("digest") == digest_ && now->at("state") == "staged") return staged(*now);
    }
    context_.err << "You stopped it. "
                 << (stopped ? "" : "It was over already, or the daemon is away. ") << as_before
                 << "\n";
    return Exit::cancelled;
  }

  Exit lost_sight(const Failure& failure) {
    context_.err << failure.text << "\n"
                 << as_before
                 << " When the daemon is back, give the same command again: what the terminal "
                    "still holds of the image is not sent twice.\n";
    return failure.exit;
  }

  const Context& context_;
  const UpdateOrder& order_;
  std::string digest_;
  std::string told_;  // the state that the person was told of last
  long long told_progress_ = 0;
};

}  // namespace

Exit update(const Context& context, const UpdateOrder& order) {
  const Interrupts interrupts;
  try {
    return Watch{context, order}.run();
  } catch (const Json::exception&) {
    context.err << "rollcalld answered in a shape this rollcall does not know. " << as_before
                << " Use the rollcall that came with the daemon.\n";
    return Exit::refused;
  }
}

}  // namespace rollcall::provisioning
