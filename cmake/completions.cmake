# What shells need to complete commands: the program that is installed says it, so they are made when it is installed.
if(NOT CMAKE_CROSSCOMPILING)
  set(completions ${PROJECT_BINARY_DIR}/completions)
  install(CODE "
    file(MAKE_DIRECTORY \"${completions}\")
    foreach(shell bash zsh fish)
      execute_process(COMMAND \"$<TARGET_FILE:halley>\" completion \${shell} OUTPUT_FILE \"${completions}/\${shell}\"
        COMMAND_ERROR_IS_FATAL ANY)
    endforeach()")
  set(share ${CMAKE_INSTALL_DATADIR})
  install(FILES ${completions}/bash DESTINATION ${share}/bash-completion/completions RENAME halley)
  install(FILES ${completions}/zsh DESTINATION ${share}/zsh/vendor-completions RENAME _halley)
  install(FILES ${completions}/fish DESTINATION ${share}/fish/vendor_completions.d RENAME halley.fish)
endif()
