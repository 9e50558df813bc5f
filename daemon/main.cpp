// rollcalld: the daemon of one site.
#include <csignal>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <sys/resource.h>

#include "daemon/config/config.hpp"
#include "daemon/daemon.hpp"
#include "daemon/log/log.hpp"

namespace {

constexpr int exit_config = 78;  // EX_CONFIG of sysexits.h

int serve(const std::string& file) {
  auto config = rollcall::config::load(file);
  if (!config) {
    for (const std::string& problem : config.error()) std::cerr << problem << '\n';
    std::cerr << "rollcalld did not start: the configuration must be right as a whole.\n";
    return exit_config;
  }
  rollcall::logging::Options options;
  options.level = rollcall::logging::level_of(config->log.level);
  options.format = rollcall::logging::format_of(config->log.format);
  options.file = config->log.file;
  if (auto opened = rollcall::logging::open(options); !opened) {
    std::cerr << opened.error() << '\n';
    return exit_config;
  }
  rollcall::Daemon daemon(std::move(*config));
  if (auto started = daemon.start(); !started) {
    std::cerr << started.error() << "\nrollcalld did not start; nothing was changed.\n";
    return 1;
  }
  daemon.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // whoever no longer listens is an error, not the end
  const rlimit nothing{0, 0};     // a picture of this memory would hold keys and names
  setrlimit(RLIMIT_CORE, &nothing);
  CLI::App app{"rollcalld records attendance and short assessments of one site and delivers them.",
               "rollcalld"};
  std::string file;
  std::string checked;
  app.add_option("--config", file, "Configuration file (docs/configuration.md); runs the site");
  app.add_option("--check-config", checked,
                 "Says what is wrong with a configuration file, and ends")
      ->excludes("--config");
  app.set_version_flag("--version", ROLLCALL_VERSION);
  CLI11_PARSE(app, argc, argv);
  if (!checked.empty()) return rollcall::config::check(checked, std::cout);
  if (file.empty()) {
    std::cerr << "rollcalld needs --config FILE; an example is examples/brussels/rollcall.toml\n";
    return exit_config;
  }
  try {
    return serve(file);
  } catch (const std::exception& error) {
    rollcall::logging::error("rollcalld ends: what happened is a bug or a failing disk",
                             {{"why", error.what()}});
    return 1;
  }
}
